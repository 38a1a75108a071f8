// SPDX-License-Identifier: MIT

package shell

import (
	"strings"
	"testing"
)

// batch is a typical batch script of 100 lines.
const batch = `#!/bin/bash -l
#SBATCH --job-name=train
#SBATCH --nodes=1
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=16
#SBATCH --time=12:00:00
#SBATCH --array=0-9
#SBATCH --output=logs/%x-%A_%a.out

set -euo pipefail

# The environment of the job.
module purge
module load gcc/12.2.0 cuda/12.1
source "${HOME}/miniconda3/etc/profile.d/conda.sh"
conda activate train
export OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1}
export MKL_NUM_THREADS=$OMP_NUM_THREADS
export PYTHONUNBUFFERED=1
export TOKENIZERS_PARALLELISM=false

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
DATA=${DATA_DIR:-$ROOT/data}
SCRATCH=${TMPDIR:-/tmp}/$USER/$SLURM_JOB_ID
OUT=$ROOT/results/${SLURM_ARRAY_TASK_ID}
mkdir -p "$SCRATCH" "$OUT" logs

log() {
    local level=$1
    shift
    echo "[$(date +%H:%M:%S)] $level: $*"
}

cleanup() {
    rm -rf "$SCRATCH"
    log INFO "scratch removed"
}
trap cleanup EXIT

if [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then
    log ERROR "start this script with sbatch --array"
    exit 1
fi

if [[ ! -d "$DATA" ]]; then
    log INFO "fetching the data"
    wget -q "https://example.org/data.tar.gz" -O "$SCRATCH/data.tar.gz"
    tar -xzf "$SCRATCH/data.tar.gz" -C "$ROOT"
fi

MODELS=(small medium large)
RATES=(0.1 0.01 0.001)
MODEL=${MODELS[$((SLURM_ARRAY_TASK_ID % 3))]}
RATE=${RATES[$((SLURM_ARRAY_TASK_ID / 3 % 3))]}

case "$MODEL" in
    small)
        BATCH=256
        ;;
    medium)
        BATCH=128
        ;;
    *)
        BATCH=64
        ;;
esac

ARGS=(
    --data "$DATA"
    --model "$MODEL"
    --rate "$RATE"
    --batch "$BATCH"
    --workers "$SLURM_CPUS_PER_TASK"
)
if [ "${DEBUG:-0}" -eq 1 ]; then
    ARGS+=(--debug)
fi

cat > "$OUT/config.yaml" <<END
model: $MODEL
rate: $RATE
batch: $BATCH
data: $DATA
END

log INFO "training $MODEL with $RATE on $(hostname)"
cp -r "$DATA" "$SCRATCH/data"
cd "$SCRATCH"

for fold in 1 2 3; do
    log INFO "fold $fold"
    python3 "$ROOT/train.py" "${ARGS[@]}" \
        --fold $fold \
        --out "$OUT/fold-$fold" \
        > "$OUT/fold-$fold.log" 2>&1
done

python3 "$ROOT/summary.py" --folds 3 "$OUT" | tee "$OUT/summary.txt"
log INFO "done with status $?"
`

var batchScript = Script{
	Text: batch, Name: "/home/u/project/job.sh", Dir: "/home/u/project",
	Env: environment(map[string]string{
		"PATH": "/usr/bin:/bin", "HOME": "/home/u", "USER": "u", "SLURM_JOB_ID": "77",
		"SLURM_ARRAY_TASK_ID": "4", "SLURM_CPUS_PER_TASK": "16",
	}),
}

// BenchmarkRead reads an ordinary batch script.
func BenchmarkRead(b *testing.B) {
	b.SetBytes(int64(len(batch)))
	b.ReportAllocs()
	for b.Loop() {
		if r := Read(batchScript); !r.Complete || !strings.HasSuffix(r.Last().Words[1], "/summary.py") {
			b.Fatal(r)
		}
	}
}
