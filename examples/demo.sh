#!/bin/sh
# The onboarding of examples/spain, from YAML to an applied connector, and what a changed region gets.
# It works on a copy in a temporary directory, and ends with 0 only if aliconf refused the region.
set -eu
unset CI
for variable in $(env | sed -n 's/^\(GIT_[A-Z_]*\)=.*/\1/p'); do unset "$variable"; done

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/spain"
cp "$here"/spain/*.yaml "$work/spain"
cd "$work/spain"

say() {
    printf '\n\n# %s\n' "$*"
}

run() {
    printf '\n$ %s\n' "$*"
    "$@"
}

# Changes the account's region from one country to another.
region() {
    printf "\n\$ sed -i 's/region: %s/region: %s/' account.yaml\n" "$1" "$2"
    sed "s/region: $1/region: $2/" account.yaml >changed
    mv changed account.yaml
}

# Runs a command that must end with 1 and print the given text.
refused() {
    text=$1
    shift
    printf '\n$ %s\n' "$*"
    code=0
    "$@" >"$work/output" 2>&1 || code=$?
    cat "$work/output"
    if [ "$code" -ne 1 ] || ! grep -q -F -e "$text" "$work/output"; then
        printf 'demo: this had to be refused with "%s", and ended with %s\n' "$text" "$code" >&2
        exit 1
    fi
}

say "An account, a pricing policy and a listing template, as YAML. Is anything wrong with them?"
run cat account.yaml
run aliconf validate

say "What would change in the connector? Nothing is there yet."
run aliconf plan

say "Apply it. A terminal would be asked; --yes is for scripts."
run aliconf apply --yes

say "Now the connector is as the files say, so there is nothing left to do."
run aliconf plan --detailed-exitcode

say "What is in force, and what comes next?"
run aliconf status

say "Somebody corrects the region. An AliExpress account can never change it: plan refuses."
region ES FR
refused ALI501 aliconf plan

say "The pre-commit hook refuses it earlier: it compares with git and needs no connector."
if command -v git >/dev/null; then
    region FR ES
    run git init --quiet --initial-branch main
    run git add -- account.yaml aliconf.yaml pricing.yaml registration.yaml shoes.yaml
    run git -c user.name=Operations -c user.email=operations@shop.example commit --quiet --message Spain
    region ES FR
    refused ALI501 aliconf validate --against HEAD
else
    printf '\n(left out: there is no git here)\n'
fi

say "Refused, as it should be. The checkout is as it was."
