sheaf functions sqtr
echo $?
sheaf functions zzzzzzzz
echo $?
sheaf functions mean std
