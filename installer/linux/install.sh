#!/bin/sh
# Installs Realm Desktop for you alone, below ~/.local; `sh install.sh --remove` takes it away again.
# Your chats are elsewhere and stay in either case.
set -eu
cd "$(dirname "$0")"

program="$HOME/.local/opt/realm-desktop"
share="${XDG_DATA_HOME:-$HOME/.local/share}"
link="$HOME/.local/bin/realm-desktop"
entry="$share/applications/realm-desktop.desktop"
icon="$share/icons/hicolor/scalable/apps/realm-desktop.svg"
mime="$share/mime/packages/realm-desktop.xml"

refresh() {
    # Desktops notice sooner with these; they may be missing.
    update-desktop-database "$share/applications" 2>/dev/null || true
    update-mime-database "$share/mime" 2>/dev/null || true
}

if [ "${1:-}" = "--remove" ]; then
    rm -rf "$program"
    rm -f "$link" "$entry" "$icon" "$mime"
    refresh
    echo "Realm Desktop is removed. Chats and models are still there."
    exit 0
fi

# Beside it first: an interrupted copy leaves the version that is there.
rm -rf "$program.new"
mkdir -p "$(dirname "$program")" "$(dirname "$link")"
cp -R realm-desktop "$program.new"
rm -rf "$program"
mv "$program.new" "$program"
ln -sf "$program/realm-desktop" "$link"
mkdir -p "$(dirname "$entry")" "$(dirname "$icon")" "$(dirname "$mime")"
cp share/realm-desktop.svg "$icon"
cp share/realm-desktop.xml "$mime"
# Not every session has ~/.local/bin in its PATH.
sed "s|^Exec=.*|Exec=\"$program/realm-desktop\"|" share/realm-desktop.desktop >"$entry"
refresh
echo "Realm Desktop is installed: $link"
