#!/bin/sh
# The secrets of docker-compose.yml: sh config/make-secrets.sh [FOLDER].  What is there already stays.
#
# Containers get each file as it is on this machine, permissions included, and run as users of their own.  So
# the files may be read by everybody, and the folder, which containers do not pass through, by its owner alone.
# Keep it: Postgres takes its password when its volume is new, and asks for the same one ever after.
set -eu
folder=${1:-"$(dirname "$0")/../secrets"}
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"

random() { od -An -N 24 -t x1 /dev/urandom | tr -d ' \n'; }

# keep NAME: standard input becomes the file, whole or not at all, unless there is one.
keep() {
    if [ -s "$1" ]; then
        echo "$1: kept"
        return
    fi
    cat > "$1.new"
    chmod 444 "$1.new"
    mv "$1.new" "$1"
    echo "$1: made"
}

random | keep postgres_password
echo "postgresql+psycopg://ingest:$(cat postgres_password)@postgres:5432/ingest" | keep ingest_store

echo "redis://ingest:$(random)@redis:6379/0" | keep ingest_broker
password=$(sed 's|redis://ingest:\(.*\)@.*|\1|' ingest_broker)
# Workers may do all but govern the server; the health check may ask whether it is there; nobody else, anything.
keep redis_users <<END
user default off
user ingest on >$password ~* &* +@all -@admin
user health on nopass +ping
END

random | keep grafana_password
