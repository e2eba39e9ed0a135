#!/bin/sh
# Installs Realm Desktop for you alone, below ~/.local; `sh install.sh --remove` takes it away again, also
# from the copy that is installed. Your chats are elsewhere and stay in either case.
set -eu
cd "$(dirname "$0")"

program="$HOME/.local/opt/realm-desktop"
share="${XDG_DATA_HOME:-$HOME/.local/share}"
link="$HOME/.local/bin/realm-desktop"
entry="$share/applications/realm-desktop.desktop"
# None of the places has a space in it.
places=$(cd share && find . -type f)

refresh() {
    # Desktops notice sooner with these; they may be missing.
    update-desktop-database "$share/applications" 2>/dev/null || true
    update-mime-database "$share/mime" 2>/dev/null || true
}

if [ "${1:-}" = "--remove" ]; then
    for place in $places; do rm -f "$share/$place"; done
    rm -f "$link"
    # It may be the folder that this file is in.
    cd /
    rm -rf "$program"
    refresh
    echo "Realm Desktop is removed. Chats and models are still there."
    exit 0
fi

# Beside it first: an interrupted copy leaves the version that is there.
rm -rf "$program.new"
mkdir -p "$(dirname "$program")" "$(dirname "$link")"
cp -R realm-desktop "$program.new"
cp -R share install.sh "$program.new"
rm -rf "$program"
mv "$program.new" "$program"
ln -sf "$program/realm-desktop" "$link"
for place in $places; do
    mkdir -p "$share/$(dirname "$place")"
    cp "share/$place" "$share/$place"
done
# Not every session has ~/.local/bin in its PATH.
# Line by line: to sed, an ampersand in the name of a home would be a word of its own.
while IFS= read -r line; do
    case $line in Exec=*) line="Exec=\"$program/realm-desktop\" %f" ;; esac
    printf '%s\n' "$line"
done <share/applications/realm-desktop.desktop >"$entry"
refresh
echo "Realm Desktop is installed: $link"
