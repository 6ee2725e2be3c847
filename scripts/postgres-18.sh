#!/bin/sh
# PostgreSQL 18 with pgvector and pg_textsearch, and the programs of Valkey, from Debian's forky suite, unpacked into a
# folder and run there by chroot. For tests: it trusts every caller on the loopback address. Needs root, apt and 600 MB.
# Usage: scripts/postgres-18.sh FOLDER PORT [stop]
# Then:  RAGSTONE_TEST_DATABASE_URL=postgres://postgres@127.0.0.1:PORT/postgres npm test
set -eu

usage() {
  echo "usage: $0 FOLDER PORT [stop]" >&2
  exit 2
}
[ $# -eq 2 ] || [ $# -eq 3 ] || usage
case $2 in '' | *[!0-9]*) usage ;; esac
port=$2
action=${3:-start}
mkdir -p "$1"
root=$(cd "$1" && pwd)
[ "$root" != / ] || usage
bin=/usr/lib/postgresql/18/bin

as_postgres() {
  chroot "$root" su postgres -s /bin/sh -c "$1"
}

is_running() {
  [ -x "$root$bin/pg_ctl" ] && [ -d "$root/pgdata" ] && as_postgres "$bin/pg_ctl -D /pgdata status" >/dev/null 2>&1
}

install_packages() {
  command -v debootstrap >/dev/null || { apt-get update -qq && apt-get install -yqq debootstrap; }
  # A debootstrap older than the suite does not know its name; every suite since sid is unpacked alike.
  [ -e /usr/share/debootstrap/scripts/forky ] || ln -s sid /usr/share/debootstrap/scripts/forky
  mirror=$(awk '/^URIs:/ { print $2; exit } /^deb / { for (i = 2; i <= NF; i++) if ($i ~ /^https?:/) { print $i; exit } }' \
    /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list 2>/dev/null || true)
  debootstrap --variant=minbase \
    --include=postgresql-18,postgresql-18-pgvector,postgresql-18-pg-textsearch,valkey-server \
    forky "$root" ${mirror:+"$mirror"} >"$root.log" 2>&1 || { tail -n 20 "$root.log" >&2; exit 1; }
}

mount_kernel() {
  for folder in proc dev; do
    mountpoint -q "$root/$folder" || mount --bind "/$folder" "$root/$folder"
  done
}

unmount_kernel() {
  for folder in proc dev; do
    if mountpoint -q "$root/$folder"; then umount "$root/$folder"; fi
  done
}

case $action in
  start)
    if is_running; then
      echo "PostgreSQL 18 is running in $root already"
      exit 0
    fi
    [ -x "$root$bin/postgres" ] && [ -x "$root/usr/bin/valkey-server" ] || install_packages
    mount_kernel
    if [ ! -e "$root/pgdata/PG_VERSION" ]; then
      mkdir -p "$root/pgdata"
      chroot "$root" chown postgres /pgdata
      as_postgres "$bin/initdb -D /pgdata -A trust -U postgres --locale=C.UTF-8" >/dev/null
    fi
    as_postgres "$bin/pg_ctl -D /pgdata -w -l /pgdata/server.log -o '-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=/pgdata -c shared_preload_libraries=pg_textsearch -c max_connections=200' start" >/dev/null ||
      { tail -n 20 "$root/pgdata/server.log" >&2; exit 1; }
    echo "postgres://postgres@127.0.0.1:$port/postgres"
    ;;
  stop)
    if is_running; then as_postgres "$bin/pg_ctl -D /pgdata -w -m fast stop" >/dev/null; fi
    unmount_kernel
    ;;
  *) usage ;;
esac
