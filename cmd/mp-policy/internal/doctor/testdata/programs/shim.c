/* SPDX-License-Identifier: MIT */
/* shim.c - what mp-policy doctor reads of a plugin, for VERSION and ABI */

#define TEXT(number) TEXT_OF(number)
#define TEXT_OF(number) #number

const unsigned int plugin_version = VERSION;

static const char identity[] __attribute__((used, section(".mp_policy"))) =
	"abi=" TEXT(ABI) "\0engine=/usr/lib/slurm-mp-policy/libmp_policy.so";
