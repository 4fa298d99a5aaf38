#!/usr/bin/env escript
%% Serves TLS with Erlang's own library: `server.escript IP PORT`. The file `options` has those of
%% `ssl:listen` as an Erlang list.
-mode(compile).

main([Ip, Port]) ->
    {ok, _} = application:ensure_all_started(ssl),
    {ok, Address} = inet:parse_address(Ip),
    {ok, Options} = file:script("options"),
    Listening = [binary, {active, false}, {reuseaddr, true}, {ip, Address}, {packet, line}],
    {ok, Listener} = ssl:listen(list_to_integer(Port), Listening ++ Options),
    accept(Listener).

accept(Listener) ->
    {ok, Socket} = ssl:transport_accept(Listener),
    Pid = spawn(fun() -> receive go -> answer(Socket) end end),
    ok = ssl:controlling_process(Socket, Pid),
    Pid ! go,
    accept(Listener).

answer(Socket) ->
    case ssl:handshake(Socket) of
        {ok, Connection} -> read(Connection);
        {error, _} -> ok
    end.

read(Connection) ->
    case ssl:recv(Connection, 0) of
        {ok, <<"\r\n">>} ->
            ssl:send(Connection, <<"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n">>),
            ssl:close(Connection);
        {ok, _} -> read(Connection);
        {error, _} -> ssl:close(Connection)
    end.
