// SPDX-License-Identifier: MIT

package python

// baseOf returns the base class of a built-in exception, "" for any other name. Source: the
// exception hierarchy in the documentation of Python, library/exceptions.html.
func baseOf(name string) string {
	switch name {
	case "Exception", "KeyboardInterrupt", "SystemExit", "GeneratorExit", "BaseExceptionGroup":
		return "BaseException"
	case "ArithmeticError", "AssertionError", "AttributeError", "BufferError", "EOFError", "ImportError", "LookupError", "MemoryError",
		"NameError", "OSError", "ReferenceError", "RuntimeError", "StopAsyncIteration", "StopIteration", "SyntaxError", "SystemError",
		"TypeError", "ValueError", "Warning":
		return "Exception"
	case "FloatingPointError", "OverflowError", "ZeroDivisionError":
		return "ArithmeticError"
	case "ModuleNotFoundError":
		return "ImportError"
	case "IndexError", "KeyError":
		return "LookupError"
	case "UnboundLocalError":
		return "NameError"
	case "BlockingIOError", "ChildProcessError", "ConnectionError", "FileExistsError", "FileNotFoundError", "InterruptedError",
		"IsADirectoryError", "NotADirectoryError", "PermissionError", "ProcessLookupError", "TimeoutError":
		return "OSError"
	case "BrokenPipeError", "ConnectionAbortedError", "ConnectionRefusedError", "ConnectionResetError":
		return "ConnectionError"
	case "NotImplementedError", "RecursionError":
		return "RuntimeError"
	case "IndentationError":
		return "SyntaxError"
	case "TabError":
		return "IndentationError"
	case "UnicodeError", "json.JSONDecodeError", "json.decoder.JSONDecodeError":
		return "ValueError"
	case "UnicodeDecodeError", "UnicodeEncodeError", "UnicodeTranslateError":
		return "UnicodeError"
	case "BytesWarning", "DeprecationWarning", "FutureWarning", "ImportWarning", "PendingDeprecationWarning", "ResourceWarning",
		"RuntimeWarning", "SyntaxWarning", "UnicodeWarning", "UserWarning":
		return "Warning"
	}
	return ""
}

// exceptionName returns the present name of a class of exceptions.
func exceptionName(name string) string {
	switch name {
	case "IOError", "EnvironmentError", "WindowsError", "os.error", "socket.error", "select.error":
		return "OSError"
	case "socket.timeout":
		return "TimeoutError"
	}
	return name
}

// derives reports whether a class of exceptions is another one or is built on it. The result is unknown
// if the first class is not built in. A built-in exception is built only on built-in ones.
func derives(name, base string) truth {
	name, base = exceptionName(name), exceptionName(base)
	if name == base {
		return yes
	}
	if baseOf(name) == "" && name != "BaseException" {
		return unsure
	}
	for name != "" {
		if name == base {
			return yes
		}
		name = baseOf(name)
	}
	return no
}

// classDerives is derives for a class of the program.
func classDerives(c *class, base string, left int) truth {
	result := no
	for _, b := range c.bases {
		is := unsure
		switch b := b.(type) {
		case *library:
			is = derives(b.path, base)
		case *class:
			if left > 0 {
				is = classDerives(b, base, left-1)
			}
		}
		switch is {
		case yes:
			return yes
		case unsure:
			result = unsure
		}
	}
	return result
}

// isRaised reports whether an exception is of a class that is named. It is raised as an
// instance or as the class itself.
func isRaised(v value, path string) truth {
	switch v := v.(type) {
	case *library:
		return derives(v.path, path)
	case *object:
		return derives(v.path, path)
	case *instance:
		return classDerives(v.class, path, maxBases)
	case *class:
		return classDerives(v, path, maxBases)
	}
	return unsure
}
