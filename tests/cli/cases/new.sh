three
sheaf new mycalc.c
cat mycalc.c
sheaf map mycalc.c ?.npy
echo '/* mine */' >>mycalc.c
sheaf new mycalc.c
echo $?
grep -c mine mycalc.c
sheaf new -f mycalc.c
grep -c mine mycalc.c
sheaf new double.c
echo $?
sheaf new my-calc.c
echo $?
sheaf new mycalc.txt
echo $?
sheaf new nowhere/mycalc.c
echo $?
sheaf new
