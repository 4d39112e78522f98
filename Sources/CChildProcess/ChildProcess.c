#define _GNU_SOURCE
#include "CChildProcess.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int limit(int resource, uint64_t value) {
    if (value == UINT64_MAX) return 0;
    struct rlimit bounds = {value, value};
    struct rlimit now;
    // What the caller may not exceed, the program may not either.
    if (getrlimit(resource, &now) == 0 && now.rlim_max < value) bounds.rlim_cur = bounds.rlim_max = now.rlim_max;
    return setrlimit(resource, &bounds);
}

static void default_signals(void) {
    struct sigaction action = {.sa_handler = SIG_DFL};
    for (int signal = 1; signal < NSIG; signal++) sigaction(signal, &action, NULL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/// Puts the three descriptors in place; those given must not be among the places.
static int place(const int descriptors[3]) {
    for (int number = 0; number < 3; number++) {
        if (dup2(descriptors[number], number) < 0) return -1;
    }
    return (int)syscall(SYS_close_range, 3U, ~0U, 0U);
}

/// What the new process does before it becomes the program; only calls that are safe after vfork.
static int prepare(const struct child_process_plan *plan, pid_t parent) {
    default_signals();
    if (setpgid(0, 0) != 0) return errno;
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return errno;
    if (getppid() != parent) return ESRCH;
    if (place(plan->descriptors) != 0) return errno;
    if (plan->directory != NULL && chdir(plan->directory) != 0) return errno;
    const struct child_process_limits *limits = &plan->limits;
    if (limit(RLIMIT_CORE, 0) != 0 || limit(RLIMIT_AS, limits->address_space) != 0
        || limit(RLIMIT_DATA, limits->data) != 0 || limit(RLIMIT_FSIZE, limits->file_size) != 0
        || limit(RLIMIT_NOFILE, limits->open_files) != 0) return errno;
    execve(plan->program, plan->arguments, plan->environment);
    return errno;
}

int child_process_start(const struct child_process_plan *plan, pid_t *process) {
    // Shared with the new process until it is the program or has ended.
    volatile int failure = 0;
    pid_t parent = getpid();
    sigset_t all, before;
    sigfillset(&all);
    // A handler of ours must not run in the new process, whose memory is ours.
    pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t child = vfork();
    if (child == 0) {
        failure = prepare(plan, parent);
        _exit(127);
    }
    int refused = child < 0 ? errno : 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (refused) return refused;
    if (failure) {
        siginfo_t info;
        while (waitid(P_PID, (id_t)child, &info, WEXITED) != 0 && errno == EINTR) {}
        return failure;
    }
    *process = child;
    return 0;
}

int child_process_descriptor(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0U);
}

int child_process_pipe(int ends[2]) {
    if (pipe2(ends, O_CLOEXEC) != 0) return errno;
    for (int index = 0; index < 2; index++) {
        if (ends[index] > 2) continue;
        // A program's own are put at 0, 1 and 2, one after the other.
        int moved = fcntl(ends[index], F_DUPFD_CLOEXEC, 3);
        int failure = errno;
        close(ends[index]);
        ends[index] = moved;
        if (moved >= 0) continue;
        close(ends[1 - index]);
        return failure;
    }
    return 0;
}

int child_process_wake(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}
