# Brings back the release before this one: rollback.sh PRODUCTION
set -eu
cp "$1/previous" "$1/current.new"
mv "$1/current.new" "$1/current"
echo "production runs $(cat "$1/current")"
