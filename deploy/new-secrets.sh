#!/bin/sh
# Makes the secrets that compose.yaml mounts: sh deploy/new-secrets.sh deploy/secrets
# The folder is for its owner alone. The files in it are not secret from the containers that mount them one by one, each
# under a user of its own.
set -eu
folder=${1:?usage: new-secrets.sh FOLDER}
if [ -e "$folder" ]; then
  echo "new-secrets.sh: $folder is there already" >&2
  exit 1
fi
random() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }
umask 077
mkdir -p "$folder"
umask 022
postgres=$(random)
redis=$(random)
printf '%s' "$postgres" > "$folder/postgres_password"
printf '%s' "$redis" > "$folder/redis_password"
printf 'postgresql://wenzheng:%s@postgres:5432/wenzheng' "$postgres" > "$folder/store_url"
printf 'redis://:%s@redis:6379/0' "$redis" > "$folder/bus_url"
chmod 0444 "$folder"/*
