# shellcheck shell=bash disable=SC2154  # variables of ./dev
#
# The other Debian release (12 on 13, 13 on 12): its gcc, its libraries and its nginx, on this machine.
# Sourced by dev.d/test.sh.
#
# They are fetched with everything they need, down to the C library, and unpacked under build/test. Each
# program runs there unchanged with its own loader. That needs no root, chroot or user namespaces, which a
# container may forbid. other/bin has a starter for each: nginx, gcc, and the programs that gcc starts.

# Several stages need it at the same time; the first one fetches it.
need_other()
{
    other=$state/other
    (
        flock 5
        [[ -x $other/bin/nginx ]] || fetch_other
    ) 5>"$state/other.lock"
}

# Uses apt with a separate state in which nothing is installed, so that it also fetches all dependencies.
# They stay until build/test is removed.
fetch_other()
{
    local package apt=$other/apt apt_get

    rm -rf "$other"
    mkdir -p "$apt"/{state,cache} "$other"/{root,bin}
    : >"$apt/status"
    list_other_sources >"$apt/sources.list"
    apt_get=(timeout 600 apt-get -qq -o Dir::State="$apt/state" -o Dir::State::status="$apt/status"
        -o Dir::Cache="$apt/cache" -o Dir::Etc::sourcelist="$apt/sources.list"
        -o Dir::Etc::sourceparts=/dev/null -o Acquire::Languages=none
        -o Acquire::Retries=1 -o Acquire::http::Timeout=10 -o Acquire::https::Timeout=10)
    # A third-party repository may lack the release or have another key: apt leaves it out.
    "${apt_get[@]}" update || true
    # shellcheck disable=SC2046  # a list of package names
    "${apt_get[@]}" --no-install-recommends --download-only install nginx gcc $(library_packages) ||
        no_other_release
    for package in "$apt"/cache/archives/*.deb; do
        dpkg-deb -x "$package" "$other/root"
    done
    rm -rf "$apt"
    settle_links
    start_by_loader
}

library_packages()
{
    tr -s ' \n' '\n' <<<"$build_packages" | grep '^lib.*-dev$'
}

# The mirrors that this machine uses. Asks apt itself, which reads every kind of list.
list_other_sources()
{
    local options

    options="arch=$(dpkg --print-architecture) signed-by=/usr/share/keyrings/debian-archive-keyring.gpg"
    apt-get --print-uris update | sed -n -E \
        "s,^'(.*)/dists/$(this_release)(|-updates|-security)/InRelease'.*,deb [$options] \1 $(name_other_release)\2 main,p"
}

no_other_release()
{
    echo "ERROR: Debian $(name_other_release) could not be fetched: no network, no such release on the" \
        "mirrors of this machine's apt, or a debian-archive-keyring from before it."
    return 1
}

this_release()
{
    # shellcheck source=/dev/null
    (. /etc/os-release && echo "${VERSION_CODENAME:-}")
}

name_other_release()
{
    case $(this_release) in
    bookworm) echo trixie ;;
    trixie) echo bookworm ;;
    *) echo "This machine runs neither Debian 12 nor 13, so there is no other release to fetch." >&2; return 1 ;;
    esac
}

# Debian 13's packages contain nothing outside /usr and rely on the links of an installed system. Absolute
# links must lead into the root that they are in.
settle_links()
{
    local folder link

    for folder in bin sbin lib lib64; do
        [[ -e $other/root/$folder ]] || ln -s "usr/$folder" "$other/root/$folder"
    done
    find "$other/root" -type l -lname '/*' | while IFS= read -r link; do
        ln -sfn "$other/root$(readlink "$link")" "$link"
    done
}

# gcc finds cc1 and the others by -B, its own files beside itself, headers and libraries by --sysroot.
# nginx comes last: its starter tells need_other that all of them exist.
start_by_loader()
{
    local name path options

    for name in gcc cc1 collect2 as ld nginx; do
        path=$(cd "$other/root" && find usr -path "*/$name" \
            \( -path '*bin/*' -o -path '*/gcc/*' \) | head -n 1)
        options=''
        [[ $name != gcc ]] || options="--sysroot=$other/root -B$other/bin/"
        write_starter "$other/bin/$name" "$(readlink -f "$other/root/${path:?no $name in the other release}")" "$options"
    done
}

# write_starter FILE PROGRAM [OPTION...]: FILE runs the program with the other release's loader.
write_starter()
{
    local file=$1 libraries loader
    shift

    libraries=$(find "$other/root" -name 'lib*.so.*' -printf '%h\n' | sort -u | paste -s -d :)
    loader=$(find "$other/root" -name 'ld*.so.[0-9]' -type f)
    printf '#!/bin/sh\nexec %s --library-path %s %s "$@"\n' "$loader" "$libraries" "$*" >"$file"
    chmod +x "$file"
}

# --- The stages that use it ------------------------------------------------------------------------

# Compiles and links everything, the C tests too; a warning is a failure. What is built cannot run here,
# so configure is told that it cross-compiles (--host).
build_with_other_gcc()
{
    local dir=$state/gcc-other host

    need_other
    host=$(gcc -dumpmachine)
    "$other/bin/gcc" --version | head -n 1
    export PKG_CONFIG_SYSROOT_DIR=$other/root
    export PKG_CONFIG_LIBDIR=$other/root/usr/lib/$host/pkgconfig:$other/root/usr/share/pkgconfig
    compile_variant gcc-other "$other/bin/gcc" --build="$host" --host="${host/-linux/-other-linux}" \
        PKG_CONFIG=pkg-config AR=ar RANLIB=ranlib
    nice -n "$patience" make -C "$dir" -j"$(nproc)" check TESTS= check_DATA=
}

# Tests the sandbox of that build, with the other release's libmicrohttpd, libcurl and OpenSSL.
run_sandbox_other()
{
    local folder=$state/sandbox-other/inst/bin

    need_other
    mkdir -p "$folder"
    write_starter "$folder/payapi-sandbox" "$state/gcc-other/inst/bin/payapi-sandbox"
    run_pytest sandbox sandbox-other
}

# run_headers_other VARIANT
run_headers_other()
{
    need_other
    PATH=$other/bin:$PATH
    [[ $(command -v nginx) == "$other/bin/nginx" ]]
    nginx -v
    run_pytest e2e "$1" tests/e2e/test_headers_twice.py
}
