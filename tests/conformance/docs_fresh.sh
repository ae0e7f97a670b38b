#!/bin/sh
# docs/functions.md is what `generate docs` prints. SHEAF_GENERATE: the built generator; SHEAF_SOURCE: the checkout.
set -eu
if ! "$SHEAF_GENERATE" docs | cmp - "$SHEAF_SOURCE/docs/functions.md"; then
    echo "docs/functions.md is out of date: \"$SHEAF_GENERATE\" docs > docs/functions.md" >&2
    exit 1
fi
