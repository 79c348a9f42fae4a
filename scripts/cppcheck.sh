#!/bin/sh
# cppcheck with what it finds reliably in this code. Left out, with reasons:
# constParameter*: callbacks have the signature their caller gives them;
# unusedStructMember: structs are filled in one file and read in another;
# variableScope: declarations stand where the block begins.
set -u
exec cppcheck --quiet --error-exitcode=1 --std=c11 --platform=unix64 -j 2 \
    --enable=warning,performance,portability --inline-suppr \
    --suppress=missingInclude --suppress=missingIncludeSystem \
    --suppress=normalCheckLevelMaxBranches --suppress=checkersReport \
    -D_GNU_SOURCE -I. core formats plugins
