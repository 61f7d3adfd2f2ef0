# shellcheck shell=bash
#
# programs.sh - payapi's own programs: built, or found where PAYAPI_PREFIX says. Sourced by ./dev.

build_programs()
{
    local dir=$checkout/build/dev

    mkdir -p "$dir"
    exec 9>"$dir.lock"
    flock 9                             # instances share the build
    cd "$checkout"
    [[ -x configure ]] || autoreconf --install
    # After a pull that moved files, make may not even be able to read the old makefile; then start afresh.
    [[ ! -f $dir/Makefile ]] || make -s -C "$dir" Makefile || rm -rf "$dir"
    if [[ ! -f $dir/Makefile ]]; then
        mkdir -p "$dir"
        autoreconf --install
        (cd "$dir" && "$checkout/configure" --quiet)
    fi
    make -C "$dir" -j"$(nproc)"
    [[ ! -L $state/inst ]] || rm "$state/inst"      # an earlier PAYAPI_PREFIX
    make -s -C "$dir" install prefix="$state/inst"
}

# PAYAPI_PREFIX: programs that were built elsewhere (./dev test). The daemons' user must be able to run
# them, so they are copied if that user cannot read them there.
use_installed_programs()
{
    rm -rf "$state/inst"
    if as_service test -r "$PAYAPI_PREFIX/bin"; then
        ln -s "$PAYAPI_PREFIX" "$state/inst"
    else
        cp -a --no-preserve=ownership "$PAYAPI_PREFIX" "$state/inst"
        chmod -R a+rX "$state/inst"
    fi
}

program()
{
    local path
    path=$(program_or_nothing "$1")
    [[ -n $path ]] || die "$1 is not in $state/inst." "$me build says why."
    echo "$path"
}

program_or_nothing()
{
    local folder
    for folder in sbin bin; do
        if [[ -x $state/inst/$folder/$1 ]]; then
            echo "$state/inst/$folder/$1"
            return
        fi
    done
}

# True only for HS256: with any other algorithm we have just the public key.
can_sign_tokens()
{
    [[ ${setting[JWT_ALGORITHM]:-HS256} == HS256 ]]
}

run_admin()
{
    (export_settings && exec "$(program payapi-admin)" --config "$state/payapi.env" "$@")
}
