#!/bin/sh
# The tests start PostgreSQL and Redis themselves, on ports of their own, from the programs of
# Debian's packages: install these where we may, else say how. No server is started here.
missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || missing=" postgresql"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing$missing for the tests ..."
    policy=/usr/sbin/policy-rc.d clusters=/etc/postgresql-common/createcluster.d/sluice.conf ours=$(mktemp)
    trap 'xargs -r rm -f <"$ours"; rm -f "$ours"' EXIT
    trap 'exit 1' HUP INT TERM
    if [ ! -e "$policy" ]; then # the packages would start servers of their own
        echo "$policy" >>"$ours"
        printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
    fi
    if [ ! -d /etc/postgresql ]; then # nor is there a need of one that starts when the machine does
        echo "$clusters" >>"$ours"
        mkdir -p "${clusters%/*}" && echo "create_main_cluster = false" >"$clusters"
    fi
    # shellcheck disable=SC2086  # one word for each package
    said=$({ apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
        --no-install-recommends $missing; } 2>&1) && exit 0
    echo "$said" | tail -n 5
fi
echo "The tests of PostgreSQL and Redis need$missing and will be skipped, or fail in CI: install it (Debian: sudo apt-get install$missing)."
