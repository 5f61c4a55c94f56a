#!/usr/bin/env bash
# Puts qemu-img and qemu-io of Debian's bookworm-backports, which speak NBD's extended headers (8.2 and newer do), into
# a folder of their own beside the installed older ones: `bash .ci/qemu-extended.sh <folder>`. Nothing is installed and
# apt's own lists stay as they are; needs the libraries of Debian 12's qemu-utils. The folder is for
# PAGURUS_QEMU_EXTENDED.
set -euo pipefail
into=${1:?name a folder}
suite=bookworm-backports

if [[ ! -x $into/qemu-io ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work"/lists/partial "$work"/archives/partial
  # The mirror that this machine has its Debian from.
  mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Codename: bookworm' | sort -u | grep -v security | head -1)
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $suite main" >"$work/sources.list"
  apt=(apt-get -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=- -o "Dir::State::Lists=$work/lists"
    -o "Dir::Cache=$work" -o APT::Sandbox::User=root)
  "${apt[@]}" update -qq
  (cd "$work" && "${apt[@]}" download -qq "qemu-utils/$suite")
  dpkg -x "$work"/qemu-utils_*.deb "$work/unpacked"
  mkdir -p "$into"
  # Last what says that all is there.
  for program in qemu-nbd qemu-img qemu-io; do install "$work/unpacked/usr/bin/$program" "$into/$program"; done
fi
"$into/qemu-img" --version | head -1
