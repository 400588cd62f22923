# Releases the commit that is checked out: deploy.sh PRODUCTION
set -eu
version=$(git describe --tags --always)
mkdir -p "$1/releases/$version"
cp order.sh coupon.sh "$1/releases/$version"
if [ -f "$1/current" ]; then cp "$1/current" "$1/previous"; fi
echo "$version" > "$1/current.new"
mv "$1/current.new" "$1/current"
echo "production runs $version"
