#include <sys/xattr.h>
#include <sys/inotify.h>
#include <inotifytools/inotifytools.h>
