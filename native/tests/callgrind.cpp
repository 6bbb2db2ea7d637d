// Doors from Python to callgrind's switches: count from here, stop, and write down what was counted under a name.
#include <valgrind/callgrind.h>

extern "C" {
void count_from_here() {
    CALLGRIND_START_INSTRUMENTATION;
    CALLGRIND_ZERO_STATS;
}

void write_down(const char* name) {
    CALLGRIND_DUMP_STATS_AT(name);
    CALLGRIND_STOP_INSTRUMENTATION;
}
}
