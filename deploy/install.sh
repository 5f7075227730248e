#!/bin/sh
# Installs Wenzheng from this bundle, without any network: sh install.sh [FOLDER]   (default /opt/wenzheng)
# Needs Python of the version and machine the bundle is named after, with venv. Run again over an older installation to
# upgrade it; settings and data are elsewhere and are not touched.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:-/opt/wenzheng}
python=${PYTHON:-python3}

cd "$here"
if ! sha256sum --check --quiet SHA256SUMS; then
  echo "install.sh: the bundle is damaged; nothing was installed" >&2
  exit 1
fi
wanted=$(cat PLATFORM)
found=$("$python" -c 'import sys, platform; print("%s-%s-py%d%d" % (sys.platform, platform.machine(), *sys.version_info[:2]))')
if [ "$wanted" != "$found" ]; then
  echo "install.sh: this bundle is for $wanted, and $python is $found; set PYTHON to another one" >&2
  exit 1
fi
"$python" -m venv --clear "$folder"
# All of them are here and pinned: nothing is resolved, nothing is asked for.
"$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-index --no-deps wheels/*.whl
"$folder/bin/wenzheng" --version
echo "next: $folder/bin/wenzheng --help, and operations.md in this bundle"
