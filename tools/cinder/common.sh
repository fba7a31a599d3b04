# shellcheck shell=bash
# Sourced by the scripts of this folder: where things are, and which processes are ours.

export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8
# Debian's python3 must not see modules of another one.
unset PYTHONPATH PYTHONHOME

say() { printf 'cinder: [%3ds] %s\n' "$SECONDS" "$*" >&2; }
die() {
  say "FAILED: $*"
  exit 1
}

work=$(realpath -m -- "${ISTACK_ACC_CINDER_DIR:-${TMPDIR:-/tmp}/istack-acc-cinder}")

# shellcheck disable=SC2034 # for `up`
services="epmd db rabbit keystone cinder-api cinder-volume cinder-scheduler"

# ours PID: it was started by an `up` with this work folder. Process ids are used again, so the number alone
# proves nothing; every service inherits the variable.
ours() {
  grep -zqxF "ISTACK_ACC_CINDER_DIR=$work" "/proc/$1/environ" 2>/dev/null
}

# alive SERVICE
alive() {
  local pid
  pid=$(cat "$work/run/$1.pid" 2>/dev/null) && [ -n "$pid" ] && ours "$pid"
}
