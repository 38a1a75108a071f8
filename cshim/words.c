/* SPDX-License-Identifier: MIT */
/* words.c - the words of the options */

#include <stdio.h>
#include <string.h>

#include <slurm/spank.h>

#include "note.h"
#include "number.h"
#include "words.h"

#define WORKERS_MAX 65536ul

static bool is_word(const char *word, size_t size, const char *name)
{
	return size == strlen(name) && !strncmp(word, name, size);
}

bool mp_words_have(const char *words, const char *name)
{
	size_t size;

	for (;; words += size + 1) {
		size = strcspn(words, ",");
		if (is_word(words, size, name))
			return true;
		if (!words[size])
			return false;
	}
}

#define NAME_MAX_BYTES 15 /* of multiprocessing */

/* The possible suggestions; for workers=N, the part before the "=". */
static const char *const names[] = { "auto", "off",  "on",
				     "multiprocessing", "mpi",  "bind",
				     "explain", "workers" };
enum { NAMES = sizeof(names) / sizeof(names[0]), WORKERS = NAMES - 1 };

#define ALLOWED                                                            \
	"allowed, separated by commas: auto, off, on, multiprocessing, mpi, " \
	"workers=N (1 to 65536), bind, explain"

/* The number of "workers=N"; 0 if there is none or if it is not allowed. */
static unsigned long workers(const char *word, size_t size)
{
	unsigned long n = 0;
	size_t i;

	for (i = sizeof("workers=") - 1; i < size; i++) {
		if (word[i] < '0' || word[i] > '9')
			return 0;
		n = n * 10 + (unsigned long)(word[i] - '0');
		if (n > WORKERS_MAX)
			return 0;
	}
	return n;
}

static bool is_workers(const char *word, size_t size)
{
	return size >= 7 && !strncmp(word, "workers", 7) &&
	       (size == 7 || word[7] == '=');
}

static char small(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * The number of letters that are inserted, left out, replaced or swapped with their
 * neighbours in a word. Case does not matter. If it is more than most, most + 1.
 */
static size_t typing_errors(const char *word, size_t size, const char *name,
			    size_t most)
{
	/* the last two rows of the table, and the one in the making */
	size_t rows[3][NAME_MAX_BYTES + 1];
	size_t *two = rows[0], *one = rows[1], *row = rows[2], *next;
	const size_t width = strlen(name);
	size_t i, j, n;

	if (size > width + most || width > size + most)
		return most + 1;
	for (j = 0; j <= width; j++)
		row[j] = j;
	for (i = 1; i <= size; i++) {
		next = two;
		two = one;
		one = row;
		row = next;
		row[0] = i;
		for (j = 1; j <= width; j++) {
			n = one[j - 1] + (small(word[i - 1]) != name[j - 1]);
			n = least(n, least(one[j], row[j - 1]) + 1);
			if (i > 1 && j > 1 &&
			    small(word[i - 1]) == name[j - 2] &&
			    small(word[i - 2]) == name[j - 1])
				n = least(n, two[j - 2] + 1);
			row[j] = n;
		}
	}
	return row[width];
}

/* The word that is probably meant, NULL if there is none. */
static const char *meant(const char *word, size_t size)
{
	const char *best = NULL;
	size_t fewest = 3, i, n, most, part;

	for (i = 0; i < NAMES; i++) {
		/* "no" is not "on": a short name allows fewer errors */
		n = strlen(names[i]);
		most = n < 3 ? 0 : n < 7 ? 1 : 2;
		part = size;
		if (i == WORKERS)
			part = least(size, strcspn(word, "="));
		n = typing_errors(word, part, names[i], most);
		if (n <= most && n < fewest) {
			fewest = n;
			best = i == WORKERS ? "workers=N" : names[i];
		}
	}
	return best;
}

bool mp_words_far(const char *words)
{
	const size_t size = strlen(words);

	return size && !strpbrk(words, ",=") && !is_workers(words, size) &&
	       !meant(words, size);
}

/* Writes to why[] what is wrong with a word that is not legal. */
static void explain_word(const char *word, size_t size, char *why, size_t room)
{
	const char *name = meant(word, size);
	char shown[65];

	snprintf(shown, sizeof(shown), "%.*s", (int)size, word);
	mp_make_printable(shown);
	if (!size)
		snprintf(why, room, "a word is empty; " ALLOWED);
	else if (is_workers(word, size))
		snprintf(why, room,
			 "\"%s\" is not workers=N with a number from 1 to %lu",
			 shown, WORKERS_MAX);
	else if (name)
		snprintf(why, room,
			 "\"%s\" is not a word of it; did you mean \"%s\"?",
			 shown, name);
	else
		snprintf(why, room, "\"%s\" is not a word of it; " ALLOWED,
			 shown);
}

bool mp_words_check(const char *words, char *why, size_t size)
{
	const char *word = words;
	bool off = false, wanted = false;
	unsigned long number = 0, n;
	size_t len, i;

	if (!*words) {
		snprintf(why, size, "a value is missing; " ALLOWED);
		return false;
	}
	if (strlen(words) >= MP_WORDS_MAX) {
		snprintf(why, size, "longer than %d bytes; " ALLOWED,
			 MP_WORDS_MAX - 1);
		return false;
	}
	for (;; word += len + 1) {
		len = strcspn(word, ",");
		n = is_workers(word, len) ? workers(word, len) : 0;
		for (i = 0; i < WORKERS; i++)
			if (is_word(word, len, names[i]))
				break;
		if (i == WORKERS && !n) {
			explain_word(word, len, why, size);
			return false;
		}
		if (n && number && n != number) {
			snprintf(why, size,
				 "workers=N is given twice, with %lu and with %lu",
				 number, n);
			return false;
		}
		number = n ? n : number;
		if (is_word(word, len, "off"))
			off = true;
		else if (!is_word(word, len, "explain"))
			wanted = true;
		if (!word[len])
			break;
	}
	if (off && wanted) {
		snprintf(why, size, "\"off\" stands alone or with \"explain\"; "
			 ALLOWED);
		return false;
	}
	return true;
}
