# Standard input is open and never ends; the command must not wait on it.
mkfifo endless
exec 3<>endless
sheaf map mean <&3
echo $?
sheaf map <&3
