// SPDX-License-Identifier: MIT

package main

import (
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemaOf returns a function that holds JSON against docs/COMMAND.schema.json.
func schemaOf(t *testing.T, command string) (validate func(text string) error) {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile("../../docs/" + command + ".schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(text string) error {
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			return err
		}
		return schema.Validate(value)
	}
}
