#ifndef SHEAF_CHILD_SERVE_H
#define SHEAF_CHILD_SERVE_H

/* Work for the parent at the other end of this socket until it is gone. The exit status. */
int serve(int socket);

#endif
