/* SPDX-License-Identifier: MIT */
/* shim.c - what mp-policy doctor reads of a plugin, for VERSION, ABI and LOG */

#define TEXT(number) TEXT_OF(number)
#define TEXT_OF(number) #number

const unsigned int plugin_version = VERSION;

static const char identity[] __attribute__((used, section(".mp_policy"))) =
	"abi=" TEXT(ABI) "\0word:lib=PATH (absolute)\0standard:lib=/usr/lib/slurm-mp-policy/libmp_policy.so"
	"\0word:config=PATH (absolute)\0standard:config=/etc/slurm/mp_policy.conf"
	"\0word:deadline=MS (1 to 10000)\0standard:deadline=500"
#ifdef LOG
	"\0word:default=on|off|observe\0standard:default=on"
	"\0word:log=off|changes|all\0standard:log=off"
#else
	"\0word:default=on|off|never\0standard:default=on"
#endif
	"\0word:affinity=fix|hint|off\0standard:affinity=fix";
