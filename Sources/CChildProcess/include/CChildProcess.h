#pragma once

#include <stdint.h>
#include <sys/types.h>

/// What a program may use; `UINT64_MAX` where nothing is said.
struct child_process_limits {
    uint64_t address_space;
    uint64_t data;
    uint64_t file_size;
    uint64_t open_files;
};

/// How a program is started.
struct child_process_plan {
    /// The program's file.
    const char *program;
    /// Its arguments and its environment, each ending with a null pointer.
    char *const *arguments;
    char *const *environment;
    /// Where it starts; null for the caller's directory.
    const char *directory;
    /// What becomes its standard input, output and error output.
    int descriptors[3];
    struct child_process_limits limits;
};

/// Starts a program as the leader of a process group of its own. It is killed when the thread that called ends.
///
/// The program has no signal blocked or ignored, and no open file beside the three given.
///
/// @param plan How; must stay valid during the call only.
/// @param process Becomes the process's id.
/// @return 0, or the error number of the step that failed, execution of the program included.
int child_process_start(const struct child_process_plan *plan, pid_t *process);

/// A descriptor that becomes readable when a process ends.
///
/// @return The descriptor, or -1 with `errno` set.
int child_process_descriptor(pid_t process);

/// A pipe whose ends are closed in programs that are started, none of them 0, 1 or 2.
///
/// @param ends Becomes the end to read from and the end to write to.
/// @return 0, or the error number.
int child_process_pipe(int ends[2]);

/// A descriptor by which one thread wakes another that polls.
///
/// @return The descriptor, which never blocks, or -1 with `errno` set.
int child_process_wake(void);
