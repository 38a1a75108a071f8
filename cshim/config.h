/* SPDX-License-Identifier: MIT */
/* config.h - the words of the plugin's line in plugstack.conf */
#ifndef MP_POLICY_CONFIG_H
#define MP_POLICY_CONFIG_H

#include <limits.h>
#include <stdbool.h>

#ifndef MP_ENGINE_PATH
#error "MP_ENGINE_PATH: the build must set the path of the engine"
#endif

/* The site's policy file if the line names no other one. Only this one may be missing. */
#define MP_CONFIG_PATH "/etc/slurm/mp_policy.conf"

/*
 * Each word is stated here and nowhere else. The fields, the parser, the defaults, the
 * messages and what "mp-policy doctor" reads in the plugin's file are made of this table.
 *
 *	PATH(name, field, default)
 *	NUMBER(name, field, default, unit, most)   at least 1
 *	CHOICE(name, field, default, values)       separated by '|'
 */
#define MP_CONFIG_WORDS(PATH, NUMBER, CHOICE)              \
	PATH("lib", lib, MP_ENGINE_PATH)                   \
	PATH("config", config, MP_CONFIG_PATH)             \
	NUMBER("deadline", deadline, 500, "MS", 10000)     \
	CHOICE("default", def, "on", "on|off|observe")     \
	CHOICE("affinity", affinity, "fix", "fix|hint|off") \
	CHOICE("hints", hints, "on", "on|off")             \
	CHOICE("log", log, "off", "off|changes|all")       \
	MP_TEST_CONFIG_WORDS(PATH)

/* The tests' build takes the directory of a recorded node. */
#ifdef MP_TEST_WORDS
#define MP_TEST_CONFIG_WORDS(PATH) PATH("root", root, "")
#else
#define MP_TEST_CONFIG_WORDS(PATH)
#endif

/* How a word is written, for messages and for doctor. */
#define MP_PATH_FORM(name) name "=PATH (absolute)"
#define MP_NUMBER_FORM(name, unit, most) name "=" unit " (1 to " #most ")"
#define MP_CHOICE_FORM(name, values) name "=" values

/* Bytes of a choice, the NUL included. */
#define MP_CHOICE_MAX 12

/* The values of the line in plugstack.conf. */
struct mp_config {
#define MP_PATH_FIELD(name, field, standard) char field[PATH_MAX];
#define MP_NUMBER_FIELD(name, field, standard, unit, most) unsigned int field;
#define MP_CHOICE_FIELD(name, field, standard, values) char field[MP_CHOICE_MAX];
	MP_CONFIG_WORDS(MP_PATH_FIELD, MP_NUMBER_FIELD, MP_CHOICE_FIELD)
#undef MP_PATH_FIELD
#undef MP_NUMBER_FIELD
#undef MP_CHOICE_FIELD
};

/*
 * Parses the plugstack words. An unknown or bad one is ignored. It is logged
 * if the log is for administrators. A user of srun gets no message.
 */
void mp_config_parse(struct mp_config *config, int argc, char **argv,
		     bool administrator);

#endif
