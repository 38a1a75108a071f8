// SPDX-License-Identifier: MIT

package python

// A call that is not certain must not use up the steps that the rest of the program needs, so it gets a
// share of them.
const (
	// fairSteps is the steps that shares are parts of: some 10 ms of them, half of the CPU
	// time that a run may take.
	fairSteps = 40_000
	// shareOf is the part of the remaining steps that one call gets. A program has a few such calls
	// one after the other, and three of them leave it a third.
	shareOf = 4
	// minShare is what each call gets. A loop over a few options takes less.
	minShare = 1_500
)

// share returns the number of steps for a call below an unknown condition of the calling function.
func (in *interpreter) share() int {
	left := fairSteps - in.steps
	if in.fence > 0 {
		left = min(left, in.fence-in.steps)
	}
	return max(left/shareOf, minShare)
}

// spending runs a call for some steps at most. It reports whether the call has ended.
func (in *interpreter) spending(steps int, run func()) bool {
	outer := in.fence
	in.fence = in.steps + steps
	if outer > 0 {
		in.fence = min(in.fence, outer)
	}
	fence := in.fence
	run()
	in.fence = outer
	if !in.fenced || outer > 0 && fence == outer {
		return true
	}
	in.fenced = false
	if in.abrupt == stopped {
		in.abrupt = next
	}
	in.curtailed = true
	return false
}

// Bounds of one function's calls. A function that has run so often and so long without workers and
// without an option is not expected to lead there in the next call.
const (
	maxUses  = 8
	maxUsed  = 6_000 // steps
	maxMaybe = 2_000 // steps, below an unknown condition
)

// use has the costs of the calls of one function so far.
type use struct {
	calls, steps int
	leads        bool // to workers, or to an option
	result       value
}

// isUsedUp reports that a function is not run any more.
func (in *interpreter) isUsedUp(f *function) bool {
	u := in.uses[f.Function]
	if u == nil || !in.isFair || u.leads || u.calls < maxUses {
		return false
	}
	return u.steps > maxUsed || in.branches > 0 && u.steps > maxMaybe
}

// instead returns the result of a call of a function that is not run any more. The lists, dicts and
// objects among its arguments may have changed.
func (in *interpreter) instead(f *function, self value, a *arguments) value {
	in.escape(a)
	in.open(self)
	in.curtailed = true
	switch v := in.uses[f.Function].result.(type) {
	case *module, *class, *library, *function, none:
		return v
	case *instance:
		v.open = true
		return v
	case nil, *unknown:
		return unknownOf(v)
	case bool, int64, float64, *many:
		return setting // it may be about workers
	}
	return data
}

// used counts a call of a function.
func (in *interpreter) used(f *function, steps int, leads bool, result value) {
	u := in.uses[f.Function]
	if u == nil {
		u = &use{}
		in.uses[f.Function] = u
	}
	u.calls++
	u.steps += steps
	u.leads = u.leads || leads
	u.result = result
}
