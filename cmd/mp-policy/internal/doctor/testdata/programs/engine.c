/* SPDX-License-Identifier: MIT */
/* engine.c - what mp-policy doctor reads of an engine, for ABI */

const unsigned int mp_policy_abi = ABI;

#ifdef NEEDS
/* a symbol that nothing has, which the loader complains of */
extern int mp_policy_nowhere;
int *mp_policy_needs = &mp_policy_nowhere;
#endif
