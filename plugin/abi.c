/* SPDX-License-Identifier: MIT */
/*
 * abi.c - the number that the shim looks at before it calls anything
 *
 * Data, not a function: a call would have to wait until Go's runtime is up.
 */

#include "../cshim/abi.h"

extern const unsigned int mp_policy_abi;
const unsigned int mp_policy_abi = MP_ABI;
