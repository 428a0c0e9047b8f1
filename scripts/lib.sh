# What scripts/run, scripts/test and scripts/install-packages share. Sourced, never run.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit

fail() {
  echo "$(basename "$0"): $1" >&2
  exit "${2:-1}"
}

# The names in scripts/packages that dpkg does not have as installed, one a line.
missing_packages() {
  local name
  while read -r name _; do
    [[ -z $name || $name == \#* ]] && continue
    dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null | grep -qx installed || echo "$name"
  done <scripts/packages
}

# Installs what scripts/packages names and this machine lacks. Where that cannot be done it prints
# the list and ends with 69.
install_packages() {
  [[ -n ${PERDURE_SKIP_PACKAGES:-} ]] && return
  local missing
  mapfile -t missing < <(missing_packages)
  ((${#missing[@]})) || return 0

  local as_root=() why=
  if ! (. /etc/os-release && [[ $ID == debian && $VERSION_ID == 12 ]]) 2>/dev/null; then
    why="this is not Debian 12; PERDURE_SKIP_PACKAGES=1 goes on with what the machine has"
  elif ((EUID != 0)); then
    as_root=(sudo)
    command -v sudo >/dev/null || why="this is not root, and there is no sudo"
  fi
  if [[ -n $why ]]; then
    printf '  %s\n' "${missing[@]}" >&2
    fail "install these packages, then try again ($why)" 69
  fi

  echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq || fail "apt-get update failed" 69
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "apt-get could not install: ${missing[*]}" 69
}

# configure PRESET: makes build/PRESET ready, or brings it up to date.
configure() {
  cmake --preset "$1" --log-level=NOTICE
}

# build PRESET [TARGET...]: everything, or these targets and what they need.
build() {
  local preset=$1
  shift
  cmake --build "build/$preset" -j "$(nproc)" ${1:+--target "$@"}
}
