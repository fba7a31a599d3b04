# shellcheck shell=bash
# Sourced by the scripts of this folder: which cloud is meant, where things are, and which processes are ours.

export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8

say() { printf 'cinder %s: [%3ds] %s\n' "$cloud" "$SECONDS" "$*" >&2; }
die() {
  say "FAILED: $*"
  exit 1
}

# The release of Debian, and what is not as usual in this cloud.
cloud=${CINDER:-12}
# shellcheck disable=SC2034 # for the scripts that source this
case $cloud in
  12) index=0 ;;
  12-postgresql) index=1 ;;
  11) index=2 ;;
  11-v2) index=3 ;;
  13) index=4 ;;
  *)
    printf 'CINDER: 11, 11-v2, 12, 12-postgresql or 13, not %s\n' "$cloud" >&2
    exit 2
    ;;
esac
# shellcheck disable=SC2034
{
  release=${cloud%%-*}
  work=$(realpath -m -- "${ISTACK_ACC_CINDER_DIR:-${TMPDIR:-/tmp}/istack-acc-cinder-$cloud}")
  # Debian of that release, with the packages: only ever read.
  root=$(realpath -m -- "${ISTACK_ACC_ROOTS_DIR:-/var/cache/istack-acc-cinder}/debian-$release")
  services="epmd db rabbit keystone cinder-api cinder-volume cinder-scheduler"
}

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
