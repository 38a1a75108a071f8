/* SPDX-License-Identifier: MIT */
/*
 * identity.c - what "mp-policy doctor" reads in the plugin's file
 *
 * A section of its own, of texts: it can be read without loading anything, it
 * stays when the file is stripped, and it adds no symbol that Slurm would see.
 * readelf -p .mp_policy prints it.
 */

#include "abi.h"
#include "config.h"

#define TEXT(number) TEXT_OF(number)
#define TEXT_OF(number) #number

/* word:NAME is the form of a word of plugstack.conf, standard:NAME its default. */
#define WORD(name, form, standard) \
	"\0word:" form "\0standard:" name "=" standard
#define PATH(name, field, standard) WORD(name, MP_PATH_FORM(name), standard)
#define NUMBER(name, field, standard, unit, most) \
	WORD(name, MP_NUMBER_FORM(name, unit, most), #standard)
#define CHOICE(name, field, standard, values) \
	WORD(name, MP_CHOICE_FORM(name, values), standard)

static const char identity[] __attribute__((used, section(".mp_policy"))) =
	"abi=" TEXT(MP_ABI) MP_CONFIG_WORDS(PATH, NUMBER, CHOICE);
