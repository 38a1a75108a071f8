/* SPDX-License-Identifier: MIT */
/*
 * identity.c - what "mp-policy doctor" reads in the plugin's file
 *
 * A section of its own, of texts: it can be read without loading anything, it
 * stays when the file is stripped, and it adds no symbol that Slurm would see.
 * readelf -p .mp_policy prints it.
 */

#include "abi.h"

#ifndef MP_ENGINE_PATH
#error "MP_ENGINE_PATH: the build must say where the engine is installed"
#endif

#define TEXT(number) TEXT_OF(number)
#define TEXT_OF(number) #number

static const char identity[] __attribute__((used, section(".mp_policy"))) =
	"abi=" TEXT(MP_ABI) "\0engine=" MP_ENGINE_PATH;
