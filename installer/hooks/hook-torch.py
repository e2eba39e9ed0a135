"""What PyInstaller cannot see of torch by itself: its libraries.

Replaces the hook of pyinstaller-hooks-contrib, which brings every module and every file of torch,
tests and headers included. PyInstaller follows the imports; these lead to what is needed.
"""

from pathlib import Path

from PyInstaller.utils.hooks import collect_dynamic_libs, get_module_file_attribute

# torch reads its own source where it compiles functions, also some at import.
module_collection_mode = "pyz+py"
warn_on_missing_hiddenimports = False
binaries = collect_dynamic_libs("torch", search_patterns=["*.dll", "*.dylib", "*.so", "*.so.*"])
# `torch.multiprocessing` refuses to be imported without this program, though nothing here runs it.
_shm = Path(get_module_file_attribute("torch")).parent / "bin" / "torch_shm_manager"
if _shm.exists():
    binaries.append((str(_shm), "torch/bin"))
# Links beside the program would make torch look for its other libraries there.
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
