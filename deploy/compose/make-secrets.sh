#!/bin/sh
# Makes the files of deploy/secrets that are not there: passwords by chance, and the URLs that hold them. Nothing is printed.
set -eu
umask 077
folder="$(dirname "$0")/../secrets"
mkdir -p "$folder"
cd "$folder"

random() { od -An -v -tx1 -N"$1" /dev/urandom | tr -d ' \n'; }
make() { [ -s "$1" ] || printf '%s' "$2" >"$1"; }

make api-keys "$(random 24)"
make redis-password "$(random 24)"
make redis-url "redis://:$(cat redis-password)@redis:6379"
make mongodb-password "$(random 24)"
make mongodb-key "$(random 96)"
make mongodb-url "mongodb://semblance:$(cat mongodb-password)@mongodb:27017/?replicaSet=rs&authSource=admin"
make qdrant-api-key "$(random 24)"
make grafana-password "$(random 12)"
# Containers read them as users of their own; the folder lets nobody else in.
chmod 444 ./*
