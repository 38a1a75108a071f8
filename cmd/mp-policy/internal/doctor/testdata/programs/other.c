/* SPDX-License-Identifier: MIT */
/* other.c - another plugin, which has the text NAME in its file */

const char *text(void);
const char *text(void)
{
	return NAME;
}
