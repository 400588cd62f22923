# Runs each migration that this production has not seen: migrate.sh PRODUCTION
set -eu
touch "$1/migrated"
for migration in migrations/*.sh; do
    if [ ! -f "$migration" ] || grep -qxF "$migration" "$1/migrated"; then continue; fi
    sh "$migration" "$1"
    echo "$migration" >> "$1/migrated"
done
