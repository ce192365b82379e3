"""What people do to a member by hand: adjust and extend points, release holds, merge two members, close an account."""
