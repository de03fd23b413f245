#!/bin/sh
# The tests start PostgreSQL and Redis themselves, on ports of their own, from the programs of
# Debian's packages: install these where we may, else say how. No server is started here.
missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing=" postgresql"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$missing for the tests ..."
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then # the packages would start servers of their own
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    apt-get update -qq &&
        # shellcheck disable=SC2086  # one word for each package
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 && exit 0
fi
echo "The tests of PostgreSQL and Redis need$missing and will be skipped: install it (Debian: sudo apt-get install$missing)."
