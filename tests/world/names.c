/* Stands before the machine's resolver in one program (LD_PRELOAD): what a name leads to, a test says, at the UNIX socket
 * that STEERED_NAMES names. It gets the name as it was asked for and answers with one address, or with nothing for a name
 * that nobody has. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef int resolver(const char *, const char *, const struct addrinfo *, struct addrinfo **);

static int told(const char *name, char *answer, size_t room)
{
    const char *place = getenv("STEERED_NAMES");
    struct sockaddr_un there = { .sun_family = AF_UNIX };
    if (place == NULL || strlen(place) >= sizeof there.sun_path)
        return 0;
    strcpy(there.sun_path, place);
    int line = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (line < 0)
        return 0;
    size_t length = 0;
    if (connect(line, (struct sockaddr *)&there, sizeof there) == 0
        && write(line, name, strlen(name)) == (ssize_t)strlen(name)
        && write(line, "\n", 1) == 1) {
        ssize_t more;
        while (length < room - 1 && (more = read(line, answer + length, room - 1 - length)) > 0)
            length += (size_t)more;
    }
    close(line);
    answer[length] = '\0';
    return length > 0;
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **found)
{
    resolver *machine = (resolver *)dlsym(RTLD_NEXT, "getaddrinfo");
    char address[64];
    if (name == NULL)
        return machine(name, service, hints, found);
    return told(name, address, sizeof address) ? machine(address, service, hints, found) : EAI_NONAME;
}
