// SPDX-License-Identifier: Apache-2.0

// Deletes a task's directory.

#include "shim.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "CProcessShim.h"

// One descriptor per level is open; a tree deeper than this is a task's mischief.
enum { deepest = 256 };

static int remove_contents(int directory, int depth) {
  if (depth > deepest) {
    close(directory);
    errno = ELOOP;
    return -1;
  }
  DIR *list = fdopendir(directory);
  if (list == NULL) {
    close(directory);
    return -1;
  }
  int result = 0;
  struct dirent *entry;
  while (result == 0 && (entry = readdir(list)) != NULL) {
    const char *name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) {
      continue;
    }
    if (unlinkat(directory, name, 0) == 0 || errno == ENOENT) {
      continue;
    }
    // Symbolic links were just unlinked like files, so nothing outside of the tree is ever entered.
    int inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inner < 0 && errno == EACCES && fchmodat(directory, name, 0700, 0) == 0) {
      inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    }
    if (inner < 0) {
      result = -1;
      break;
    }
    // Tasks write-protect directories (package caches do); they are ours all the same.
    (void)fchmod(inner, 0700);
    result = remove_contents(inner, depth + 1);
    if (result == 0 && unlinkat(directory, name, AT_REMOVEDIR) != 0 && errno != ENOENT) {
      result = -1;
    }
  }
  int error = errno;
  closedir(list);
  errno = error;
  return result;
}

// What still writes there (a shim its last words, say) can add an entry behind the reader's back.
enum { attempts = 100 };

int swarm_remove_tree(int directory, const char *name) {
  int result = -1;
  for (int attempt = 0; attempt < attempts; attempt++) {
    int inner = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inner < 0) {
      return -1;
    }
    result = remove_contents(inner, 0);
    if (result == 0) {
      result = unlinkat(directory, name, AT_REMOVEDIR);
    }
    if (result == 0 || errno != ENOTEMPTY) {
      break;
    }
  }
  return result;
}
