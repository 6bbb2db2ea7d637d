// What Python sees: `pippin._native`.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "../threads.h"
#include "bindings.h"

NB_MODULE(_native, module) {
    module.doc() = "The native engine: runs programs in compiled code. Use it through pippin.engines.";
    pippin::bind_programs(module);
    pippin::bind_walks(module);
    pippin::bind_pictures(module);
    module.def("kernel_names", &pippin::kernel_names);
    module.def("instruction_sets", &pippin::instruction_sets);
    module.def("set_threads", [](int count) { pippin::set_threads(count); });
    module.def("threads", [] { return pippin::threads(); });
}
