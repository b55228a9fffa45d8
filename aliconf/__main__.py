from aliconf.cli.main import main

main()
