#!/bin/sh
# Valkey, out of the folder that scripts/postgres-18.sh unpacked, run there by chroot. For tests: it trusts every caller on
# the loopback address and keeps nothing. Needs root.
# Usage: scripts/valkey.sh FOLDER PORT [stop]
# Then:  RAGSTONE_TEST_VALKEY_URL=redis://127.0.0.1:PORT \
#        RAGSTONE_TEST_VALKEY_COMMAND='chroot FOLDER /usr/bin/valkey-server' npm test
set -eu

usage() {
  echo "usage: $0 FOLDER PORT [stop]" >&2
  exit 2
}
[ $# -eq 2 ] || [ $# -eq 3 ] || usage
case $2 in '' | *[!0-9]*) usage ;; esac
port=$2
[ -d "$1" ] || { echo "$1 is no folder: run scripts/postgres-18.sh first" >&2; exit 1; }
root=$(cd "$1" && pwd)
[ "$root" != / ] || usage

ask() {
  chroot "$root" /usr/bin/valkey-cli -h 127.0.0.1 -p "$port" "$@" 2>/dev/null
}

case ${3:-start} in
  start)
    if [ "$(ask ping)" = PONG ]; then
      echo "Valkey is running on port $port already"
      exit 0
    fi
    chroot "$root" /usr/bin/valkey-server --port "$port" --bind 127.0.0.1 --save '' --daemonize yes >/dev/null
    tries=0
    until [ "$(ask ping)" = PONG ]; do
      tries=$((tries + 1))
      [ "$tries" -lt 100 ] || { echo 'Valkey did not start' >&2; exit 1; }
      sleep 0.1
    done
    echo "redis://127.0.0.1:$port"
    ;;
  stop) ask shutdown nosave || true ;;
  *) usage ;;
esac
